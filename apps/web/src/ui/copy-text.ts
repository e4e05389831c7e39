/** Copies a text; false where the browser does not let a page do that. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Browsers have it over https and on the own machine only.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByMark(text);
  }
}

function copyByMark(text: string): boolean {
  const place = document.createElement('textarea');
  place.value = text;
  place.readOnly = true;
  place.className = 'hidden';
  const before = document.activeElement;
  (document.querySelector('dialog[open]') ?? document.body).append(place);
  place.select();
  const isCopied = document.execCommand('copy');
  place.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
