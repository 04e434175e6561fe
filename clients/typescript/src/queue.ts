// A queue between what calls back and what reads with `for await`.

export class Queue<Item> implements AsyncIterable<Item> {
  #items: Item[] = [];
  #ended: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(item: Item): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Let the reader read what is there, and then fail with *error*. */
  fail(error: unknown): void {
    this.#ended ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (this.#items.length) continue;
      if (this.#ended) throw this.#ended.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
