// Keyed things in their order, immutable: changing one gives a new collection that shares almost all of the old one.

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Node<T> = readonly (Node<T> | T | undefined)[];

/** An immutable, ordered map. Every change costs O(log32 n); keys keep the place where they first stood. */
export class Collection<T> implements Iterable<T> {
  static #empty: Collection<never> | undefined;

  /** How many things there are. */
  readonly size: number;
  // Places of keys. Shared by all collections that grew from one another, so it may know keys that this one does not.
  readonly #places: Map<string, number>;
  readonly #root: Node<T>;
  readonly #shift: number;
  readonly #length: number;
  #values: readonly T[] | undefined;

  private constructor(places: Map<string, number>, root: Node<T>, shift: number, length: number, size: number) {
    this.#places = places;
    this.#root = root;
    this.#shift = shift;
    this.#length = length;
    this.size = size;
  }

  static empty<T>(): Collection<T> {
    Collection.#empty ??= new Collection<never>(new Map(), [], BITS, 0, 0);
    return Collection.#empty;
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#at(place);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: T): Collection<T> {
    const place = this.#places.get(key);
    if (place !== undefined && place < this.#length) {
      const size = this.size + (this.#at(place) === undefined ? 1 : 0);
      return this.#replaced(place, value, this.#length, size, this.#places);
    }
    const places = this.#ownPlaces();
    places.set(key, this.#length);
    return this.#replaced(this.#length, value, this.#length + 1, this.size + 1, places);
  }

  delete(key: string): Collection<T> {
    const place = this.#places.get(key);
    if (place === undefined || this.#at(place) === undefined) return this;
    return this.#replaced(place, undefined, this.#length, this.size - 1, this.#places);
  }

  /** The things in order. The same array each time, made when first asked for. */
  values(): readonly T[] {
    if (!this.#values) {
      const values: T[] = [];
      collect(this.#root, this.#shift, values);
      this.#values = values;
    }
    return this.#values;
  }

  last(): T | undefined {
    for (let place = this.#length - 1; place >= 0; place--) {
      const value = this.#at(place);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.values()[Symbol.iterator]();
  }

  #at(place: number): T | undefined {
    if (place >= this.#length) return undefined;
    let node = this.#root;
    for (let shift = this.#shift; shift > BITS; shift -= BITS) {
      node = node[(place >>> (shift - BITS)) & MASK] as Node<T>;
    }
    return node[place & MASK] as T | undefined;
  }

  // Someone who went another way from the same collection may have put keys where this one has none: then copy.
  #ownPlaces(): Map<string, number> {
    if (this.#places.size === this.#length && this.#length > 0) return this.#places;
    const own = new Map<string, number>();
    for (const [key, place] of this.#places) if (place < this.#length) own.set(key, place);
    return own;
  }

  #replaced(place: number, value: T | undefined, length: number, size: number, places: Map<string, number>) {
    let [root, shift] = [this.#root, this.#shift];
    while (place >>> shift > 0) [root, shift] = [[root], shift + BITS];
    return new Collection<T>(places, withValue(root, shift - BITS, place, value), shift, length, size);
  }
}

function withValue<T>(node: Node<T> | undefined, shift: number, place: number, value: T | undefined): Node<T> {
  const copy = node ? [...node] : [];
  const slot = (place >>> shift) & MASK;
  copy[slot] = shift === 0 ? value : withValue(node?.[slot] as Node<T> | undefined, shift - BITS, place, value);
  return copy;
}

function collect<T>(node: Node<T>, shift: number, into: T[]): void {
  for (const entry of node) {
    if (entry === undefined) continue;
    if (shift > BITS) collect(entry as Node<T>, shift - BITS, into);
    else into.push(entry as T);
  }
}
