/** An emitter of typed events. A listener that throws stops neither the other listeners nor the caller. */
export class Emitter<Events extends { [Name in keyof Events]: unknown[] }> {
  readonly #listeners: { [Name in keyof Events]?: Set<(...args: Events[Name]) => unknown> } = {};
  readonly #onError: (error: unknown) => void;
  readonly #subject: () => unknown;

  /** `subject` returns what the events are about. If a listener replaces it, the remaining listeners do not get the outdated event. */
  constructor(onError: (error: unknown) => void, subject: () => unknown) {
    this.#onError = onError;
    this.#subject = subject;
  }

  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => unknown): () => void {
    const listeners = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const subject = this.#subject();
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      if (this.#subject() !== subject) return;
      try {
        listener(...args);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
