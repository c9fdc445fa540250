import { Input } from './simulation';

const KEYS: Readonly<Record<string, number>> = {
  ArrowUp: Input.up,
  KeyW: Input.up,
  ArrowDown: Input.down,
  KeyS: Input.down,
  ArrowLeft: Input.left,
  KeyA: Input.left,
  ArrowRight: Input.right,
  KeyD: Input.right,
  Space: Input.fire,
};

/** The share of the stick's radius that is ignored, because a resting thumb moves a little. */
const DEAD_ZONE = 0.28;
const KNOB_TRAVEL_PX = 32;

export interface TouchParts {
  readonly stick: HTMLElement;
  readonly fire: HTMLElement;
}

/** Converts keys and touches to input bits. */
export class Controls {
  readonly #pressed = new Set<string>();
  /** Everything pressed since the last `take()`, because a switch, a screen reader or a quick finger may release between two frames. */
  #tapped = 0;
  #stick = 0;
  #fire = 0;

  constructor(target: Window, { stick, fire }: TouchParts) {
    target.addEventListener('keydown', (event) => this.#onKeyDown(event));
    target.addEventListener('keyup', (event) => this.#pressed.delete(event.code));
    // The release of a key in another window causes no event here.
    target.addEventListener('blur', () => this.#pressed.clear());
    this.#followThumb(stick, fire);
  }

  /** Returns the input for the next frame. */
  take(): number {
    let bits = this.#stick | this.#fire | this.#tapped;
    for (const code of this.#pressed) bits |= KEYS[code] ?? 0;
    this.#tapped = 0;
    return bits;
  }

  #onKeyDown(event: KeyboardEvent): void {
    const bits = KEYS[event.code];
    if (bits === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    // Buttons and fields keep their own keys.
    if (event.target instanceof Element && event.target.closest('button, a, input') !== null) return;
    event.preventDefault();
    this.#pressed.add(event.code);
    this.#tapped |= bits;
  }

  #followThumb(stick: HTMLElement, fire: HTMLElement): void {
    const steer = (event: PointerEvent): void => {
      if (event.type === 'pointerdown') stick.setPointerCapture(event.pointerId);
      else if (!stick.hasPointerCapture(event.pointerId)) return;
      event.preventDefault();
      this.#stick = push(stick, event);
    };
    const rest = (): void => {
      this.#stick = 0;
      moveKnob(stick, 0, 0);
    };
    stick.addEventListener('pointerdown', steer);
    stick.addEventListener('pointermove', steer);
    for (const end of ['pointerup', 'pointercancel'] as const) stick.addEventListener(end, rest);
    const hold = (down: boolean) => (event: Event) => {
      event.preventDefault();
      this.#fire = down ? Input.fire : 0;
      this.#tapped |= this.#fire;
      fire.classList.toggle('held', down);
    };
    fire.addEventListener('pointerdown', hold(true));
    for (const end of ['pointerup', 'pointercancel', 'pointerleave', 'contextmenu'] as const) {
      fire.addEventListener(end, hold(false));
    }
    // Pressed by a key or a screen reader, without pointer events.
    fire.addEventListener('click', ({ detail }) => {
      if (detail === 0) this.#tapped |= Input.fire;
    });
  }
}

function push(stick: HTMLElement, event: PointerEvent): number {
  const box = stick.getBoundingClientRect();
  const radius = box.width / 2;
  const x = (event.clientX - box.left - radius) / radius;
  const y = (event.clientY - box.top - radius) / radius;
  const reach = Math.max(1, Math.hypot(x, y));
  moveKnob(stick, x / reach, y / reach);
  return (
    (x < -DEAD_ZONE ? Input.left : x > DEAD_ZONE ? Input.right : 0) |
    (y < -DEAD_ZONE ? Input.up : y > DEAD_ZONE ? Input.down : 0)
  );
}

function moveKnob(stick: HTMLElement, x: number, y: number): void {
  stick.style.setProperty('--x', `${Math.round(x * KNOB_TRAVEL_PX)}px`);
  stick.style.setProperty('--y', `${Math.round(y * KNOB_TRAVEL_PX)}px`);
}
