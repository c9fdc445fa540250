/** An event target whose `on…` properties are called too, as the DOM has it. A handler that throws does not stop the others. */
export class FakeTarget extends EventTarget {
  protected fire(type: string, members: object = {}): void {
    const event = Object.assign(new Event(type), members);
    const handler: unknown = Reflect.get(this, `on${type}`);
    if (typeof handler === 'function') {
      try {
        handler.call(this, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.dispatchEvent(event);
  }
}
