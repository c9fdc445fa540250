interface Spark {
  x: number;
  y: number;
  vx: number;
  vy: number;
  life: number;
  readonly colour: string;
}

const LIFE_FRAMES = 40;
const MAX_SPARKS = 300;

/** Only decoration: random, different on the two sides, and not part of the state. */
export class Sparks {
  #sparks: Spark[] = [];

  burst(x: number, y: number, colour: string, count: number): void {
    for (let i = 0; i < count && this.#sparks.length < MAX_SPARKS; i += 1) {
      const angle = Math.random() * 2 * Math.PI;
      const speed = 0.6 + Math.random() * 3.2;
      const life = LIFE_FRAMES * (0.5 + Math.random() / 2);
      this.#sparks.push({ x, y, vx: Math.cos(angle) * speed, vy: Math.sin(angle) * speed, life, colour });
    }
  }

  draw(c: CanvasRenderingContext2D): void {
    for (const spark of this.#sparks) {
      spark.x += spark.vx;
      spark.y += spark.vy;
      spark.vx *= 0.95;
      spark.vy *= 0.95;
      spark.life -= 1;
      c.globalAlpha = Math.max(0, spark.life / LIFE_FRAMES);
      c.fillStyle = spark.colour;
      c.fillRect(spark.x - 1.5, spark.y - 1.5, 3, 3);
    }
    c.globalAlpha = 1;
    this.#sparks = this.#sparks.filter((spark) => spark.life > 0);
  }
}
