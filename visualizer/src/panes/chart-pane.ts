import type { ControlEvent, MachineDefinition, MachineName, TakenArrow } from 'holdfast/inspect';
import { eventNameOf } from 'holdfast/inspect';
import { detailsOf } from '../chart/details';
import { type Drawing, drawChart } from '../chart/draw';
import { type Fold, toItself, toOutermost } from '../chart/graph';
import type { Detail, Layout, Shape } from '../chart/layout';
import { layoutFor } from '../chart/layouts';
import { html, setAttribute, setText, show } from '../dom';
import { lastWhere } from '../model/arrays';
import { outermost } from '../model/history';
import { outOf, spaced, toneOf } from '../model/words';
import type { Pane, View } from './view';

/** Up to this width labels at arrows are omitted, because they would be too small to read. */
const NARROW = '(max-width: 900px)';
/** The chart is not enlarged beyond this. */
const MAX_SCALE = 1.2;

interface Elements {
  picture: HTMLElement;
  caption: HTMLElement;
  details: HTMLElement;
  controls: HTMLElement;
  machines: readonly HTMLInputElement[];
  full: HTMLInputElement;
}

/** The chart of a machine, with its state at the shown moment. */
export class ChartPane implements Pane {
  readonly #fallback: Readonly<Record<MachineName, MachineDefinition>>;
  readonly #elements: Elements;
  readonly #narrow = matchMedia(NARROW);
  readonly #changed: () => void;
  #machine: MachineName = 'connection';
  #drawing: Drawing | null = null;
  #drawn: { layout: Layout; definition: MachineDefinition } | null = null;
  #isAwaiting = false;
  #failed: string | null = null;
  #picked: string | null = null;
  #control: ((event: ControlEvent) => void) | null = null;

  /** `fallback` is drawn until a link provides its own machines. */
  constructor(
    fallback: Readonly<Record<MachineName, MachineDefinition>>,
    elements: Elements,
    changed: () => void,
  ) {
    this.#fallback = fallback;
    this.#elements = elements;
    this.#changed = changed;
    for (const input of elements.machines)
      input.addEventListener('change', () =>
        this.#choose(input.value === 'outage' ? 'outage' : 'connection'),
      );
    elements.full.addEventListener('change', () => this.#choose(this.#machine));
    this.#narrow.addEventListener('change', changed);
    this.#fillControls();
  }

  get #detail(): Detail {
    return this.#elements.full.checked && this.#machine === 'connection' ? 'full' : 'overview';
  }

  get #shape(): Shape {
    return this.#narrow.matches ? 'narrow' : 'wide';
  }

  get #fold(): Fold {
    return this.#detail === 'full' ? toItself : toOutermost;
  }

  toggleFull(): void {
    this.#elements.full.checked = !this.#elements.full.checked;
    this.#choose(this.#machine);
  }

  unpick(): boolean {
    const hadPicked = this.#picked !== null;
    this.#pick(null);
    return hadPicked;
  }

  render(view: View): void {
    const definition = (view.scene?.session?.machines ?? this.#fallback)[this.#machine];
    this.#ensure(definition);
    this.#control = view.selected?.control ?? null;
    show(this.#elements.controls, this.#control !== null);
    setAttribute(document.body, 'data-chart', this.#detail);
    const { scene } = view;
    const path = (this.#machine === 'connection' ? scene?.connection?.to : scene?.outage?.to) ?? '';
    const taken = lastWhere(scene?.taken[this.#machine] ?? [], ({ target }) => target !== undefined);
    const attempts = scene?.connection?.context.attempts ?? 0;
    const limit = scene?.session?.input.timings.maxIceRestarts;
    this.#drawing?.update({
      path,
      tone: this.#machine === 'connection' ? toneOf(outermost(path)) : 'calm',
      taken: taken && this.#ends(taken, scene?.connection?.from ?? ''),
      countdowns: (scene?.countdowns ?? []).filter(({ machine }) => machine === this.#machine),
      attempts: attempts > 0 && this.#machine === 'connection' ? outOf(attempts, limit, '/') : null,
      picked: this.#picked,
    });
    setText(this.#elements.caption, this.#failed ?? captionOf(path, taken));
    setAttribute(this.#elements.picture, 'data-state', path);
  }

  /** An arrow of the root starts at the state that was left. */
  #ends({ source, target = '' }: TakenArrow, from: string): { source: string; target: string } {
    return { source: this.#fold(source === '' ? outermost(from) : source), target: this.#fold(target) };
  }

  #choose(machine: MachineName): void {
    this.#machine = machine;
    this.#failed = null;
    this.#pick(null);
    this.#changed();
  }

  #ensure(definition: MachineDefinition): void {
    const found = layoutFor(definition, this.#detail, this.#shape);
    if ('boxes' in found) this.#draw(found, definition);
    else if (!this.#isAwaiting && this.#failed === null) void this.#await(found);
  }

  async #await(layout: Promise<Layout>): Promise<void> {
    this.#isAwaiting = true;
    this.#elements.picture.setAttribute('aria-busy', 'true');
    try {
      await layout;
    } catch {
      this.#failed = 'The chart of this machine could not be laid out.';
    }
    this.#elements.picture.removeAttribute('aria-busy');
    this.#isAwaiting = false;
    this.#changed();
  }

  #draw(layout: Layout, definition: MachineDefinition): void {
    if (this.#drawn?.layout === layout && sameDelays(this.#drawn.definition, definition)) return;
    this.#drawn = { layout, definition };
    this.#failed = null;
    this.#drawing = drawChart(layout, {
      delays: definition.delays,
      onPick: (id) => this.#pick(this.#picked === id ? null : id),
    });
    const { element } = this.#drawing;
    element.style.maxWidth = `${Math.round(layout.width * MAX_SCALE)}px`;
    const { picture } = this.#elements;
    const focused = picture.querySelector(':focus')?.getAttribute('data-id');
    picture.replaceChildren(element);
    if (focused) this.#focus(focused, { preventScroll: true });
    performance.mark('chart-drawn');
  }

  #pick(id: string | null): void {
    const { details } = this.#elements;
    if (details.contains(document.activeElement)) this.#focus(this.#picked ?? '');
    this.#picked = id;
    const found = id !== null && this.#drawn ? detailsOf(this.#drawn.definition, id, this.#fold) : null;
    show(details, found !== null);
    if (!found) details.replaceChildren();
    else details.replaceChildren(...detailNodes(found, () => this.#pick(null)));
    this.#changed();
  }

  #focus(id: string, options?: FocusOptions): void {
    this.#elements.picture.querySelector<SVGElement>(`[data-id="${CSS.escape(id)}"]`)?.focus(options);
  }

  #fillControls(): void {
    const send = (text: string, title: string, event: ControlEvent) =>
      html('button', { type: 'button', title, click: () => this.#control?.(event) }, text);
    this.#elements.controls.append(
      send('Restart', 'Request an ICE restart of the live link', { type: 'restart' }),
      send('Simulate loss', 'Send ice.disconnected to the live machine', {
        type: 'simulate-loss',
        fact: 'ice.disconnected',
      }),
      send('Simulate failure', 'Send ice.failed to the live machine', {
        type: 'simulate-loss',
        fact: 'ice.failed',
      }),
      send('Close', 'Close the live link', { type: 'close' }),
    );
  }
}

const sameDelays = (a: MachineDefinition, b: MachineDefinition): boolean =>
  a === b || JSON.stringify(a.delays) === JSON.stringify(b.delays);

function captionOf(path: string, taken: TakenArrow | null): string {
  if (path === '') return 'No state recorded at this moment';
  const name = taken && eventNameOf(taken.event);
  const isAwaited = name !== null && !name.startsWith('after ') && name !== 'always';
  const guard = taken?.guard ? `[${taken.guard}]` : '';
  const why = name === 'always' || name === null ? guard : `${isAwaited ? 'on ' : ''}${name} ${guard}`;
  return [spaced(path), why.trim()].filter((part) => part !== '').join(', ');
}

function detailNodes(
  { title, facts, arrows }: NonNullable<ReturnType<typeof detailsOf>>,
  close: () => void,
): Node[] {
  const head = ['event', 'guard', 'target', 'actions'].map((name) => html('th', { scope: 'col' }, name));
  const rows = arrows.map(({ from, event, guard, target, actions }) =>
    html(
      'tr',
      {},
      html('td', { title: `handled by ${from}` }, event),
      html('td', {}, guard),
      html('td', {}, spaced(target)),
      html('td', {}, actions),
    ),
  );
  return [
    html(
      'div',
      { class: 'heading' },
      html('h3', {}, title),
      html('button', { type: 'button', class: 'quiet', click: close }, 'Close'),
    ),
    html(
      'dl',
      { class: 'facts' },
      ...facts.map(([name, value]) => html('div', {}, html('dt', {}, name), html('dd', {}, value))),
    ),
    html(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Arrows' },
      html('table', {}, html('thead', {}, html('tr', {}, ...head)), html('tbody', {}, ...rows)),
    ),
  ];
}
