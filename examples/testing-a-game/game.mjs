/** A minimal game: it counts frames, sends them to the other player, and pauses while the link is lost. */

const FRAME_MS = 100;

/** @param link a `WebRTCManager`, created by the page or by a test. */
export function createGame(link, { otherPlayer }) {
  const game = { phase: 'waiting', frame: 0, seen: 0 };
  const play = () => {
    game.phase = 'playing';
  };
  link.on('open', play);
  link.on('restored', play);
  link.on('lost', () => {
    game.phase = 'paused';
  });
  link.on('failed', () => {
    game.phase = 'over';
  });
  link.on('closed', () => {
    game.phase = 'over';
  });
  link.on('message', (data) => {
    game.seen = Number(data);
  });
  const clock = setInterval(() => {
    if (game.phase !== 'playing') return;
    game.frame += 1;
    link.send(String(game.frame));
  }, FRAME_MS);
  void link.connectToPeer(otherPlayer);
  return Object.assign(game, {
    leave() {
      clearInterval(clock);
      link.close();
    },
  });
}
