import { html } from '../dom';

const SNIPPET = `import { broadcast, createRecorder } from 'holdfast/inspect';

const recorder = createRecorder({ label: 'player 1' });
const link = new WebRTCManager(socket, game, me, { inspect: recorder.inspect });
recorder.attach(link);
broadcast(recorder);`;

/** The address of the game that `npm start` serves one level up; null where this page is served alone, or opened from a disk. */
export function gameBeside(page: string): string | null {
  const [here, above] = [new URL('.', page), new URL('..', page)];
  return here.protocol === 'file:' || here.href === above.href ? null : above.href;
}

/** What to do where nothing is to be seen yet. */
export function emptyState(openFile: () => void): Node[] {
  const game = gameBeside(location.href);
  return [
    html('h2', {}, 'No link to watch yet'),
    html(
      'p',
      { class: 'muted' },
      'Links of games on this origin, in this browser, appear by themselves. Below is the machine at rest, as the library declares it.',
    ),
    html(
      'ul',
      { class: 'ways' },
      html(
        'li',
        {},
        html('b', {}, 'Watch a game. '),
        ...(game === null
          ? [html('code', {}, 'npm start'), ' serves one, and this page beside it.']
          : [
              // Here this page stays, to be watched.
              html('a', { href: game, target: '_blank' }, 'Open the game'),
              ' in two windows; each player becomes a link here. The order does not matter.',
            ]),
      ),
      html(
        'li',
        {},
        html('b', {}, 'Look at a recording. '),
        html('button', { type: 'button', click: openFile }, 'Open a file'),
        ' or drop it anywhere on this page.',
      ),
      html(
        'li',
        {},
        html('b', {}, 'Watch another device. '),
        'Start the server with ',
        html('code', {}, 'npm start -- --inspect'),
        ' and open the game with ',
        html('code', {}, '&inspect'),
        ' in its address.',
        html(
          'form',
          { class: 'watch', method: 'get' },
          html(
            'label',
            {},
            'Name of the game ',
            html('input', { name: 'game', required: true, autocomplete: 'off' }),
          ),
          html('button', {}, 'Watch'),
        ),
      ),
      html(
        'li',
        {},
        html('b', {}, 'Watch your own game. '),
        'Hand it a recorder:',
        html('pre', { tabindex: 0, role: 'group', 'aria-label': 'Code' }, SNIPPET),
      ),
    ),
  ];
}
