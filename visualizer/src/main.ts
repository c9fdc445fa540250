import { type ConnectionEvent, createConnectionMachine } from 'holdfast/machines';
import { messageOf } from './broadcast-inspect';
import { drawChart, type Highlight } from './chart';
import { Demo } from './demo';
import { CHANNEL, type Message, parseMessage, pathOf } from './feed';
import { graphOf } from './graph';
import { NARROW, WIDE } from './layout';
import { eventsOf, showEvents, showFacts, showLog, statusOf } from './panel';
import { follow, stateOf, unwatched, type Watched } from './watched';

const DEMO = 'demo';
const graph = graphOf(createConnectionMachine().root);
const watched = new Map<string, Watched>();
const isNarrow = matchMedia('(max-width: 620px)');

function find<Kind extends Element>(id: string, Kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof Kind)) throw new Error(`no #${id} in the page`);
  return found;
}

const ui = {
  chart: find('chart', SVGSVGElement),
  source: find('source', HTMLSelectElement),
  anew: find('anew', HTMLButtonElement),
  title: find('arrows-title', HTMLElement),
  hint: find('arrows-hint', HTMLElement),
  arrows: find('arrows', HTMLElement),
  status: find('status', HTMLElement),
  evidence: find('evidence', HTMLElement),
  log: find('log', HTMLElement),
};

let shown = DEMO;
let demo = startDemo();
let highlight: (live: Highlight) => void = () => {};

function startDemo(): Demo {
  watched.set(DEMO, unwatched(DEMO));
  return new Demo((event) => {
    const message = messageOf(event, { link: DEMO, at: Date.now() });
    if (message) receive(message);
  });
}

function receive(message: Message): void {
  if (message.kind === 'hello') return;
  const { link } = message;
  const isNew = !watched.has(link);
  watched.set(link, follow(watched.get(link) ?? unwatched(link), message));
  if (isNew) listSources();
  // A game that turns up is what the page was opened for.
  if (isNew && shown === DEMO) choose(link);
  // The demo's first transitions come out of its constructor; the page is drawn once they are through.
  else if (link === shown) queueMicrotask(render);
}

function listSources(): void {
  const options = [...watched.keys()].map((link) => new Option(link === DEMO ? 'Demo' : link, link));
  ui.source.replaceChildren(...options);
}

function choose(link: string): void {
  shown = link;
  ui.source.value = link;
  render();
}

function render(): void {
  const link = watched.get(shown) ?? unwatched(shown);
  const path = pathOf(link.last?.value);
  const context = link.last?.context ?? {};
  const { evidence } = context;
  highlight({ path, arrow: link.arrow });
  showFacts(ui.status, statusOf(path, context));
  showFacts(ui.evidence, typeof evidence === 'object' && evidence !== null ? { ...evidence } : {});
  showLog(ui.log, link.log);
  renderEvents(stateOf(link.last));
}

function renderEvents(state: string): void {
  const isDemo = shown === DEMO;
  const possible = new Map<string, ConnectionEvent>(
    isDemo ? demo.possible.map((event) => [event.type, event]) : [],
  );
  const isOver = state === 'closed';
  ui.title.textContent = `What ${state} hears`;
  ui.hint.textContent = isOver
    ? 'closed is final.'
    : isDemo
      ? 'Press an event to send it; delays run by themselves.'
      : 'Live, from the game.';
  showEvents(ui.arrows, eventsOf(graph, state), (name) => {
    const event = possible.get(name);
    return event ? () => demo.send(event) : null;
  });
  ui.anew.hidden = !isDemo || state === 'new';
}

function draw(): void {
  highlight = drawChart(ui.chart, graph, isNarrow.matches ? NARROW : WIDE);
  render();
}

ui.source.addEventListener('change', () => choose(ui.source.value));
ui.anew.addEventListener('click', () => {
  demo.stop();
  demo = startDemo();
  choose(DEMO);
});
isNarrow.addEventListener('change', draw);
listSources();
draw();

const channel = new BroadcastChannel(CHANNEL);
channel.onmessage = ({ data }) => {
  const message = parseMessage(data);
  if (message) receive(message);
};
channel.postMessage({ kind: 'hello' });
