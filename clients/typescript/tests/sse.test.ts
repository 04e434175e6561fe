// The event-stream parser against the WHATWG's rules, with every stream cut at every byte.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStreamParser, type Message, MessageTooLong } from "../src/sse.js";
import { worked } from "./support/worked.js";

const encoder = new TextEncoder();

interface Case {
  readonly says: string;
  readonly stream: string | Uint8Array;
  readonly messages: readonly (readonly [type: string, data: string, id: string])[];
}

const CASES: readonly Case[] = [
  { says: "a message ends with a blank line", stream: "data: a\n\n", messages: [["message", "a", ""]] },
  { says: "what no blank line ends is dropped", stream: "data: a\n", messages: [] },
  { says: "lines of data are joined", stream: "data: a\ndata: b\n\n", messages: [["message", "a\nb", ""]] },
  { says: "one space after the colon goes", stream: "data:a\ndata:  b\n\n", messages: [["message", "a\n b", ""]] },
  { says: "a field without colon is empty", stream: "data\n\n", messages: [["message", "", ""]] },
  { says: "two empty fields are a line end", stream: "data\ndata\n\n", messages: [["message", "\n", ""]] },
  { says: "comments are ignored", stream: ":x\ndata: a\n:y\n\n", messages: [["message", "a", ""]] },
  {
    says: "unknown fields are ignored",
    stream: "foo: x\nDATA: x\n data: x\ndata: a\n\n",
    messages: [["message", "a", ""]],
  },
  {
    says: "a name is good for one message",
    stream: "event: x\ndata: 1\n\ndata: 2\n\n",
    messages: [
      ["x", "1", ""],
      ["message", "2", ""],
    ],
  },
  { says: "a name without data is dropped", stream: "event: x\n\ndata: 2\n\n", messages: [["message", "2", ""]] },
  {
    says: "an id stays",
    stream: "id: 7\ndata: 1\n\ndata: 2\n\n",
    messages: [
      ["message", "1", "7"],
      ["message", "2", "7"],
    ],
  },
  {
    says: "an empty id takes it back",
    stream: "id: 7\ndata: 1\n\nid\ndata: 2\n\n",
    messages: [
      ["message", "1", "7"],
      ["message", "2", ""],
    ],
  },
  {
    says: "an id with NUL is ignored",
    stream: "id: 7\ndata: 1\n\nid: 8\0\ndata: 2\n\n",
    messages: [
      ["message", "1", "7"],
      ["message", "2", "7"],
    ],
  },
  { says: "a colon in a value stays", stream: "data: a:b: c\n\n", messages: [["message", "a:b: c", ""]] },
  {
    says: "CR ends lines",
    stream: "data: a\rdata: b\r\rdata: c\r\r",
    messages: [
      ["message", "a\nb", ""],
      ["message", "c", ""],
    ],
  },
  { says: "CRLF ends lines", stream: "data: a\r\ndata: b\r\n\r\n", messages: [["message", "a\nb", ""]] },
  {
    says: "ends of lines mix",
    stream: "data: a\r\ndata: b\n\r\ndata: c\r\n\r",
    messages: [
      ["message", "a\nb", ""],
      ["message", "c", ""],
    ],
  },
  { says: "a byte order mark goes", stream: "\uFEFFdata: a\n\n", messages: [["message", "a", ""]] },
  { says: "only one of them", stream: "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", messages: [["message", "b", ""]] },
  {
    says: "characters of many bytes stay whole",
    stream: "data: ä€😀\u2028\u0085\n\n",
    messages: [["message", "ä€😀\u2028\u0085", ""]],
  },
  {
    says: "broken UTF-8 is replaced",
    stream: Uint8Array.of(...encoder.encode("data: a"), 0xff, 0x0a, 0x0a),
    messages: [["message", "a\uFFFD", ""]],
  },
  { says: "NUL is data like any other", stream: "data: a\0b\n\n", messages: [["message", "a\0b", ""]] },
];

describe("the parser of event streams", () => {
  for (const { says, stream, messages } of CASES) {
    it(`${says}, wherever the stream is cut`, () => {
      const bytes = typeof stream === "string" ? encoder.encode(stream) : stream;
      const expected = messages.map(([type, data, lastEventId]) => ({ type, data, lastEventId }));
      expect(parsed([bytes])).toEqual(expected);
      expect(parsed(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(parsed([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
        expect(parsed([bytes.subarray(0, cut), new Uint8Array(), bytes.subarray(cut)])).toEqual(expected);
      }
    });
  }

  it("says the same however a random stream is cut", () => {
    const piece = fc.constantFrom(
      "data",
      "id",
      "event",
      "retry",
      ":",
      " ",
      "\n",
      "\r",
      "\r\n",
      "\n\n",
      "x",
      "ä",
      "1",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(80), { maxLength: 8 }), (pieces, cuts) => {
        const bytes = encoder.encode(pieces.join(""));
        expect(parsed(cutAt(bytes, cuts))).toEqual(parsed([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it("moves the last id on with a heartbeat that carries one", () => {
    const parser = new EventStreamParser();
    expect(parser.push(encoder.encode(":\nid: 12\n\n"))).toEqual([]);
    expect(parser.lastEventId).toBe("12");
  });

  it("takes no id of a message that was cut off", () => {
    const parser = new EventStreamParser();
    parser.push(encoder.encode("id: 1\ndata: a\n\nid: 2\ndata: b\n"));
    expect(parser.lastEventId).toBe("1");
  });

  it("knows how long to wait, if that is said in digits", () => {
    const parser = new EventStreamParser();
    parser.push(encoder.encode("retry: 250\n\n"));
    parser.push(encoder.encode("retry: 1s\nretry: -1\nretry:\nretry: 1.5\nretry: ٣\n\n"));
    expect(parser.retry).toBe(250);
  });

  it("refuses a line without end before it fills the memory", () => {
    const parser = new EventStreamParser(100);
    expect(() => {
      for (let count = 0; count < 20; count++) parser.push(encoder.encode("xxxxxxxxxx"));
    }).toThrow(MessageTooLong);
  });

  it("refuses a message of too many lines", () => {
    const parser = new EventStreamParser(100);
    expect(() => {
      for (let count = 0; count < 20; count++) parser.push(encoder.encode("data: xxxxxx\n"));
    }).toThrow(MessageTooLong);
  });

  it("reads a long line that comes in many pieces in time that grows with its length only", () => {
    const parser = new EventStreamParser();
    const piece = encoder.encode("x".repeat(1_000));
    const took = worked(() => {
      parser.push(encoder.encode("data: "));
      for (let count = 0; count < 10_000; count++) parser.push(piece);
      expect(parser.push(encoder.encode("\n\n"))[0]?.data.length).toBe(10_000_000);
    });
    expect(took).toBeLessThan(3_000);
  });
});

function parsed(pieces: readonly Uint8Array[]): Message[] {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}
