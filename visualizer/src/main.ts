import './style.css';
import { Banner } from './app/banner';
import { emptyState } from './app/empty-state';
import { acceptDrops } from './app/files';
import { listenToKeys } from './app/keyboard';
import { Page } from './app/page';
import { setUpTheme } from './app/theme';
import { OWN_MACHINES } from './chart/layouts';
import { byId, setAttribute, setText, show } from './dom';
import { stopwatchOf } from './model/words';
import { ChartPane } from './panes/chart-pane';
import { DetailsPane } from './panes/details-pane';
import { LinksPane } from './panes/links-pane';
import { LogPane } from './panes/log-pane';
import { PathPane } from './panes/path-pane';
import { PlotPane } from './panes/plot-pane';
import { SequencePane } from './panes/sequence-pane';
import { StoryPane } from './panes/story-pane';
import { TransportPane } from './panes/transport-pane';
import type { Actions, Pane, View } from './panes/view';
import { watchBroadcast } from './sources/broadcast';
import { watchRelay } from './sources/relay';

/** Redraw interval while only time passes: countdowns show tenths of a second. */
const TICK_MS = 100;

const element = (id: string) => byId(id, HTMLElement);
const button = (id: string) => byId(id, HTMLButtonElement);

const page = new Page();
let isDirty = true;
const changed = () => {
  isDirty = true;
};
const actions: Actions = {
  select: (link) => page.select(link),
  seek: (timeMs, seq) => page.seek(timeMs, seq ?? null),
  goLive: () => page.goLive(),
};

const chart = new ChartPane(
  OWN_MACHINES,
  {
    picture: element('picture'),
    caption: element('caption'),
    details: element('chart-details'),
    controls: element('controls'),
    machines: [...document.querySelectorAll<HTMLInputElement>('input[name=machine]')],
    full: byId('full', HTMLInputElement),
  },
  changed,
);
const log = new LogPane(element('log'), actions);
const plot = new PlotPane(
  element('plot'),
  { zoomIn: button('zoom-in'), zoomOut: button('zoom-out') },
  actions,
);
const transport = new TransportPane(element('transport'), {
  seek: (timeMs) => page.seek(timeMs),
  goLive: () => page.goLive(),
  step: (direction) => page.step(direction),
  togglePlay: () => page.togglePlay(transport.speed),
  setSpeed: (speed) => page.setSpeed(speed),
});
const panes: readonly Pane[] = [
  chart,
  new LinksPane(element('links'), actions),
  new StoryPane(element('now')),
  plot,
  new PathPane(element('path'), actions),
  new SequencePane(element('lanes'), actions),
  log,
  new DetailsPane(element('details'), unpick),
  transport,
];
const banner = new Banner(element('banner'));
const file = byId('file', HTMLInputElement);
const dialog = byId('help-dialog', HTMLDialogElement);

/** Closes the details and moves the focus to the log if it was inside them. */
function unpick(): void {
  const wasInside = element('details').contains(document.activeElement);
  page.unpick();
  if (wasInside) log.focus();
}

function listen(): void {
  const openFile = () => file.click();
  button('open').addEventListener('click', openFile);
  button('save').addEventListener('click', () => page.save());
  button('share').addEventListener('click', () => page.share());
  button('record').addEventListener('click', () => page.toggleRecording(Date.now()));
  button('help').addEventListener('click', () => dialog.showModal());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (chosen) void page.openFile(chosen);
  });
  acceptDrops(document.body, (dropped) => void page.openFile(dropped));
  setUpTheme(button('theme'), () => {
    plot.recolour();
    changed();
  });
  element('empty').replaceChildren(...emptyState(openFile));
  listenToKeys(byId('letters', HTMLInputElement), {
    togglePlay: () => page.togglePlay(transport.speed),
    step: (direction) => page.step(direction),
    goLive: () => page.goLive(),
    search: () => log.focusSearch(),
    toggleFull: () => chart.toggleFull(),
    toggleRecording: () => page.toggleRecording(Date.now()),
    open: openFile,
    save: () => page.save(),
    help: () => dialog.showModal(),
    escape: () => (chart.unpick() ? undefined : unpick()),
    selectNth: (index) => {
      const watched = page.workspace.links[index];
      if (watched) page.select(watched.track.link);
    },
  });
}

/** Watches a game on another device by its id, or the games in this browser. */
function watch(gameId: string | null): void {
  page.watchedGame = gameId;
  if (gameId === null) watchBroadcast(page.source);
  else watchRelay(gameId, page.source);
}

let drawnRevision = -1;
let drawnAtMs = Number.NEGATIVE_INFINITY;
let lastFrameMs = performance.now();

/** Draws at once after a change, and ten times a second while only time passes. */
function frame(nowMs: number): void {
  requestAnimationFrame(frame);
  page.workspace.pass(Math.min(nowMs - lastFrameMs, 1_000));
  lastFrameMs = nowMs;
  const isMoving = nowMs - drawnAtMs >= TICK_MS;
  const isReading = hasPending || panes.some(({ isDone }) => isDone === false);
  if (!isDirty && !isReading && page.workspace.revision === drawnRevision && !isMoving) return;
  isDirty = false;
  drawnRevision = page.workspace.revision;
  document.body.toggleAttribute('data-reading', isReading);
  drawnAtMs = nowMs;
  draw();
}

/** When each pane was last drawn, and whether one still has to be drawn. */
const drawnAt = new Map<Pane, number>();
let hasPending = false;

function drawPane(pane: Pane, view: View): void {
  const nowMs = performance.now();
  if (nowMs - (drawnAt.get(pane) ?? Number.NEGATIVE_INFINITY) < (pane.minIntervalMs ?? 0)) {
    hasPending = true;
    return;
  }
  drawnAt.set(pane, nowMs);
  pane.render(view);
}

function draw(): void {
  const view = page.view(Date.now());
  // Before the panes are drawn, because a hidden list has no height to scroll in.
  setAttribute(document.body, 'data-view', page.isEmpty ? 'empty' : 'watching');
  hasPending = false;
  for (const pane of panes) drawPane(pane, view);
  banner.show(page.notice());
  show(element('empty'), page.isEmpty);
  const recordingMs = page.recordingMs(Date.now());
  setText(button('record'), recordingMs === null ? 'Record' : `Stop ${stopwatchOf(recordingMs)}`);
  setAttribute(button('record'), 'aria-label', recordingMs === null ? 'Record' : 'Stop recording');
  setAttribute(button('record'), 'data-recording', String(recordingMs !== null));
  button('record').disabled = !page.canRecord;
  for (const id of ['save', 'share']) button(id).disabled = page.isEmpty;
}

listen();
if (!page.openShared()) watch(new URLSearchParams(location.search).get('game'));
draw();
requestAnimationFrame(frame);
