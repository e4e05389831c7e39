// The service as its users reach it: sign-up, the calls of the pages, REST. Nothing here knows the database.

/** An answer that is not a success. `problem` is its body. */
export class Refused extends Error {
  constructor(what, status, problem) {
    super(`${what} answered ${status}: ${problem?.detail ?? problem?.title ?? 'no reason given'}`);
    this.status = status;
    this.code = problem?.code ?? null;
  }
}

async function bodyOf(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** A person with a session. */
export class Person {
  constructor(url, cookie) {
    this.url = url;
    this.cookie = cookie;
  }

  /** @param {{ name: string, email: string, password: string }} fields */
  static signUp(url, fields) {
    return Person.#enter(url, '/api/sign-up', fields);
  }

  /** @param {{ email: string, password: string }} fields */
  static signIn(url, fields) {
    return Person.#enter(url, '/api/auth/sign-in/email', fields);
  }

  static async #enter(url, path, fields) {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify(fields),
    });
    if (!response.ok) throw new Refused(path, response.status, await bodyOf(response));
    const cookie = response.headers
      .getSetCookie()
      .map((text) => text.split(';', 1)[0])
      .join('; ');
    return new Person(url, cookie);
  }

  /** A call that changes something, as the pages send it. */
  async change(procedure, input) {
    const response = await fetch(`${this.url}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url, cookie: this.cookie },
      body: JSON.stringify({ json: input }),
    });
    const body = await bodyOf(response);
    if (!response.ok) throw new Refused(procedure, response.status, body?.error?.json?.data?.problem);
    return body.result.data.json;
  }
}

/** REST with a token. */
export class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await bodyOf(response);
    if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer);
    return answer;
  }

  get(path) {
    return this.send('GET', path);
  }
}
