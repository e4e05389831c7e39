import { describe, expect, it } from 'vitest';
import { parseJson, readBytes, readJson } from './read-body.js';

function post(body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }): Request {
  return new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

function endless(): { body: ReadableStream<Uint8Array>; sent: () => number } {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1000;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  return { body, sent: () => sent };
}

describe('bodies', () => {
  it('are read as JSON of any value', async () => {
    expect(await readJson(post('{"a":[1,null,"ü"]}'))).toEqual({ a: [1, null, 'ü'] });
    expect(await readJson(post('5', { 'content-type': 'Application/JSON; charset=utf-8' }))).toBe(5);
  });

  it('are refused as soon as they are too large, whatever length they claim', async () => {
    const { body, sent } = endless();
    await expect(readBytes(post(body), 10_000)).rejects.toMatchObject({ code: 'bad-input.too-large' });
    expect(sent()).toBeLessThan(20_000);
  });

  it('are refused by the length they claim before anything is read', async () => {
    const request = new Request('http://localhost/', {
      method: 'POST',
      body: 'x',
      headers: { 'content-length': '99999' },
    });
    await expect(readBytes(request, 100)).rejects.toMatchObject({ code: 'bad-input.too-large' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'of type %s are refused',
    async (type) => {
      await expect(readJson(post('{}', { 'content-type': type }))).rejects.toMatchObject({
        code: 'bad-input.content-type',
      });
    },
  );

  it.each(['', '{', '{"a":NaN}', '[1,]', '\u0000', "{'a':1}"])('that are no JSON are refused: %j', async (text) => {
    await expect(readJson(post(text))).rejects.toMatchObject({ code: 'bad-input.syntax' });
  });

  it('that are no UTF-8 are refused', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/UTF-8/);
  });

  it('of a hundred thousand levels are refused', () => {
    const deep = new TextEncoder().encode('['.repeat(100_000) + ']'.repeat(100_000));
    expect(() => parseJson(deep)).toThrow(/levels|parse/);
  });
});
