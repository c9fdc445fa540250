import { html, show } from '../dom';
import type { Scene } from '../model/scene';
import { summarize } from '../model/summary';
import { attemptInWords, causeInWords, durationInWords, outOf, spaced } from '../model/words';
import type { Pane, View } from './view';

/** What has happened in words, and the facts of the machine's context. */
export class StoryPane implements Pane {
  readonly #story: HTMLElement;
  readonly #facts: HTMLElement;
  #shown = '';
  #isDone = true;

  constructor(host: HTMLElement) {
    this.#story = html('div', { class: 'story' });
    this.#facts = html('dl', { class: 'facts' });
    host.append(this.#story, this.#facts);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  render({ sliceMs, selected, scene, timeMs }: View): void {
    show(this.#facts, Boolean(scene?.connection));
    this.#isDone = selected?.history.step(sliceMs) ?? true;
    if (!selected || !scene) return;
    const { tone, headline, sentences, advice } = summarize(selected.track, selected.history, timeMs);
    const facts = factsOf(scene);
    const key = JSON.stringify([tone, headline, sentences, advice, facts]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#story.dataset.tone = tone;
    this.#story.replaceChildren(html('h3', {}, headline), html('p', {}, sentences.join(' ')));
    if (advice !== null)
      this.#story.append(html('p', { class: 'advice' }, html('b', {}, 'What to do: '), advice));
    this.#facts.replaceChildren(
      ...Object.entries(facts).map(([name, value]) =>
        html('div', {}, html('dt', {}, name), html('dd', {}, value)),
      ),
    );
  }
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

function factsOf({ connection, session }: Scene): Record<string, string> {
  if (!connection) return {};
  const { attempts, plan, cause, evidence } = connection.context;
  return {
    state: spaced(connection.to),
    attempts: outOf(attempts, session?.input.timings.maxIceRestarts),
    plan: plan
      ? `${attemptInWords(plan.kind)}, back-off ${durationInWords(plan.delayMs)}, deadline ${durationInWords(plan.deadlineMs)}`
      : '–',
    cause: cause ? causeInWords(cause) : '–',
    peer: `${evidence.remote}, ${evidence.answered ? 'answered' : 'has not answered'}`,
    channel: evidence.channel,
    signaling: evidence.signaling,
    page: evidence.awake ? 'awake' : 'asleep or offline',
    TURN: evidence.turnRefused ? 'credentials refused' : evidence.relayAvailable ? 'configured' : 'none',
    'TURN only': yesNo(evidence.relayOnly),
  };
}
