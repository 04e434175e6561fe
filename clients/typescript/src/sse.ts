// The event stream format of the WHATWG: bytes in, in pieces of any size; messages out.

export interface Message {
  /** The event's name; "message" where none was given. */
  readonly type: string;
  readonly data: string;
  /** The last id that the stream told, up to and with this message. */
  readonly lastEventId: string;
}

/** The most characters that one message may have: a stream without line ends must not fill the memory. */
const LONGEST = 64 * 1024 * 1024;

export class MessageTooLong extends Error {
  override name = "MessageTooLong";
}

export class EventStreamParser {
  /** The last id as of the last blank line; one that came without data counts too. */
  lastEventId = "";
  /** How long to wait before coming back, in milliseconds, if the stream said so. */
  retry: number | undefined;

  // Strips a byte order mark, once, and joins characters that were cut.
  readonly #decoder = new TextDecoder();
  readonly #longest: number;
  #line = "";
  #afterReturn = false;
  #type = "";
  #data: string[] = [];
  #length = 0;
  #id = "";

  constructor(longest = LONGEST) {
    this.#longest = longest;
  }

  /** Return the messages that *bytes* complete. What is left of a stream at its end is no message: drop the parser. */
  push(bytes: Uint8Array): Message[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const messages: Message[] = [];
    let start = 0;
    // The line feed of a CRLF whose two halves came in different pieces.
    if (this.#afterReturn && text) {
      if (text[0] === "\n") start = 1;
      this.#afterReturn = false;
    }
    for (const end of lineEnds(text, start)) {
      this.#take(this.#line + text.slice(start, end.index), messages);
      this.#line = "";
      start = end.next;
      this.#afterReturn = end.open;
    }
    this.#line += text.slice(start);
    this.#check(this.#line.length);
    return messages;
  }

  #take(line: string, messages: Message[]): void {
    if (line === "") {
      this.#dispatch(messages);
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    this.#field(name, value);
  }

  #field(name: string, value: string): void {
    if (name === "data") {
      this.#data.push(value);
      this.#length += value.length + 1;
      this.#check(this.#length);
    } else if (name === "event") {
      this.#type = value;
    } else if (name === "id") {
      if (!value.includes("\0")) this.#id = value;
    } else if (name === "retry" && /^[0-9]+$/.test(value)) {
      this.retry = Number(value);
    }
  }

  #dispatch(messages: Message[]): void {
    this.lastEventId = this.#id;
    if (this.#data.length) {
      messages.push({ type: this.#type || "message", data: this.#data.join("\n"), lastEventId: this.#id });
    }
    this.#type = "";
    this.#data = [];
    this.#length = 0;
  }

  #check(length: number): void {
    if (length > this.#longest) throw new MessageTooLong(`A message is longer than ${this.#longest} characters.`);
  }
}

interface LineEnd {
  readonly index: number;
  readonly next: number;
  /** Whether it is a carriage return at the very end, whose line feed may follow in the next piece. */
  readonly open: boolean;
}

function* lineEnds(text: string, from: number): Generator<LineEnd> {
  const pattern = /\r\n|\r|\n/g;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const next = found.index + found[0].length;
    yield { index: found.index, next, open: found[0] === "\r" && next === text.length };
  }
}
