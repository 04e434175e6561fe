// The package as it is published: built, and used by a program that knows nothing of this checkout.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;
const TSC = new URL("../../../node_modules/typescript/bin/tsc", import.meta.url).pathname;
const PROGRAM = `
  const { connect, initialState, reduce, LevadaError } = await import(process.argv[1]);
  const state = reduce(initialState("r"), { sequence: "1", step: "s", attempt: 1, finding: { text: "found" } });
  const error = await connect({ baseUrl: "http://127.0.0.1:1" }).cancel("r").catch((error) => error);
  console.log(state.findings.values()[0].text, error instanceof LevadaError);
`;

describe("the package", () => {
  const out = mkdtempSync(join(tmpdir(), "levada-client-"));
  beforeAll(() => {
    execFileSync(process.execPath, [TSC, "-p", "tsconfig.build.json", "--outDir", out], { cwd: ROOT });
  }, 60_000);
  afterAll(() => rmSync(out, { recursive: true }));

  it("runs on Node as it is, without any other package", () => {
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", PROGRAM, join(out, "index.js")], {
      cwd: out,
      encoding: "utf8",
    });
    expect(said.trim()).toBe("found true");
  });

  it("has what its exports name", () => {
    const files = readdirSync(out, { recursive: true }).map(String);
    for (const entry of ["index", "proto", "websocket", "react/index"]) {
      expect(files).toContain(`${entry}.js`);
      expect(files).toContain(`${entry}.d.ts`);
    }
  });
});
