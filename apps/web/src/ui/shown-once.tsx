import { CopyButton } from './copy-button.js';

/** A secret or a link that nobody can see a second time. */
export function ShownOnce({ text }: { text: string }) {
  return (
    <p className="row">
      <code className="break grow">{text}</code>
      <CopyButton text={text} />
    </p>
  );
}
