import { html } from '../dom';

const SNIPPET = `import { broadcast, createRecorder } from 'holdfast/inspect';

const recorder = createRecorder({ label: 'player 1' });
const link = new WebRTCManager(socket, game, me, { inspect: recorder.inspect });
recorder.attach(link);
broadcast(recorder);`;

/** The address of the game that `npm start` serves one level up; null if this page is served without a game, or opened as a file. */
export function gameBeside(page: string): string | null {
  const [here, above] = [new URL('.', page), new URL('..', page)];
  return here.protocol === 'file:' || here.href === above.href ? null : above.href;
}

/** What to do while there is no link to watch. */
export function emptyState(openFile: () => void): Node[] {
  const game = gameBeside(location.href);
  return [
    html('h2', {}, 'No link to watch yet'),
    html(
      'p',
      { class: 'muted' },
      'Links of games from this origin appear by themselves while the games run in this browser. Until then the chart shows the state machine of the library.',
    ),
    html(
      'ul',
      { class: 'ways' },
      html(
        'li',
        {},
        html('b', {}, 'Watch a game. '),
        ...(game === null
          ? [html('code', {}, 'npm start'), ' serves a game together with this page.']
          : [
              // In another tab, so that this page keeps watching.
              html('a', { href: game, target: '_blank' }, 'Open the game'),
              ' in two windows. The link of each player appears here.',
            ]),
      ),
      html(
        'li',
        {},
        html('b', {}, 'View a recording. '),
        html('button', { type: 'button', click: openFile }, 'Open a file'),
        ' or drop it anywhere on this page.',
      ),
      html(
        'li',
        {},
        html('b', {}, 'Watch another device. '),
        'Start the server with ',
        html('code', {}, 'npm start -- --inspect'),
        ' and add ',
        html('code', {}, '&inspect'),
        ' to the address of the game.',
        html(
          'form',
          { class: 'watch', method: 'get' },
          html('label', {}, 'Game ID ', html('input', { name: 'game', required: true, autocomplete: 'off' })),
          html('button', {}, 'Watch'),
        ),
      ),
      html(
        'li',
        {},
        html('b', {}, 'Watch your own game. '),
        'Add a recorder to it:',
        html('pre', { tabindex: 0, role: 'group', 'aria-label': 'Code' }, SNIPPET),
      ),
    ),
  ];
}
