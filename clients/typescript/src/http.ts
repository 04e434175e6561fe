// Calls over HTTP: where the gateway is, who asks, and answers that are errors.
import type { ConnectOptions } from "./api.js";
import { Attempt } from "./attempt.js";
import { connectionError, errorOf, LevadaError } from "./errors.js";

export interface Request {
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until a call that was not answered has failed. */
  readonly timeout?: number;
}

const TIMEOUT = 45_000;

export class Http {
  readonly #base: string;
  readonly #token: ConnectOptions["token"];
  readonly #fetch: typeof fetch;
  #known: Promise<string> | undefined;
  #ahead = 0;

  constructor(options: ConnectOptions) {
    this.#base = (options.baseUrl ?? "").replace(/\/+$/, "");
    this.#token = options.token;
    // Called as a function of the window, which is the only thing that a browser's own may be called on.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Now by the server's clock, as far as its answers told; where they did not, by this computer's. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  url(path: string): string {
    return this.#base + path;
  }

  /** Return the answer if it is none of an error. Raises LevadaError, or the signal's reason once that is aborted. */
  async send(path: string, request: Request = {}): Promise<Response> {
    const bearer = this.#bearer();
    let response = await this.#answer(path, request, await bearer);
    if (response.status === 401 && typeof this.#token === "function") {
      response.body?.cancel().catch(() => undefined);
      if (this.#known === bearer) this.#known = undefined; // else somebody else has asked anew already
      response = await this.#answer(path, request, await this.#bearer());
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** Return the JSON that is answered. */
  async json<Answer>(path: string, request: Request = {}): Promise<Answer> {
    return (await this.answered<Answer>(path, request)).body;
  }

  /** Return the JSON that is answered, with the status. */
  async answered<Answer>(path: string, request: Request = {}): Promise<{ status: number; body: Answer }> {
    const attempt = new Attempt(request.signal);
    attempt.limit(request.timeout ?? TIMEOUT, new LevadaError({ detail: "The server did not answer in time." }));
    try {
      const response = await this.send(path, { ...request, signal: attempt.signal });
      return { status: response.status, body: (await response.json()) as Answer };
    } catch (error) {
      attempt.signal.throwIfAborted();
      if (!(error instanceof SyntaxError)) throw connectionError(error);
      const detail = "The server's answer is no JSON: there may be another server at this address.";
      throw new LevadaError({ status: 200, detail }, { cause: error });
    } finally {
      attempt.close();
    }
  }

  async #answer(path: string, request: Request, bearer: string): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    const init: RequestInit = { method: request.method ?? "GET", headers, signal: request.signal ?? null };
    if (request.body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(request.body);
    }
    try {
      const response = await this.#fetch(this.url(path), init);
      this.#compare(response.headers.get("date"));
      return response;
    } catch (error) {
      request.signal?.throwIfAborted();
      throw connectionError(error);
    }
  }

  // The header has whole seconds, and took its time: clocks that differ by less are taken for equal.
  #compare(date: string | null): void {
    const ahead = date ? Date.parse(date) + 500 - Date.now() : 0;
    this.#ahead = Math.abs(ahead) > 2_000 ? ahead : 0;
  }

  // Asked for once by everybody who needs it at the same time, and kept until it is refused.
  #bearer(): Promise<string> {
    if (this.#known) return this.#known;
    const token = this.#token;
    const asked = Promise.resolve(typeof token === "function" ? token() : (token ?? ""));
    this.#known = asked;
    asked.catch(() => {
      if (this.#known === asked) this.#known = undefined;
    });
    return asked;
  }
}
