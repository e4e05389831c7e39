export interface StreamEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Takes a stream of server-sent events apart, however it was cut; comments give nothing. */
export class EventReader {
  private rest = '';

  read(text: string): StreamEvent[] {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      let type: string | null = null;
      let data = '';
      for (const line of block.split('\n')) {
        if (line.startsWith('event: ')) type = line.slice(7);
        else if (line.startsWith('data: ')) data += line.slice(6);
      }
      return type === null ? [] : [{ type, data: JSON.parse(data === '' ? 'null' : data) as unknown }];
    });
  }
}
