'use client';

const yearSeconds = 365 * 24 * 3600;

export function ThemeToggle() {
  function toggle(): void {
    const root = document.documentElement;
    const isDark = getComputedStyle(root).colorScheme === 'dark';
    root.dataset.theme = isDark ? 'light' : 'dark';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser that we support
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${yearSeconds}; samesite=lax`;
    window.dispatchEvent(new Event('themechange'));
  }
  return (
    <button type="button" className="plain" onClick={toggle} aria-label="Theme, dark or light">
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <circle cx="7" cy="7" r="5.5" stroke="currentColor" fill="none" />
        <path d="M7 1.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
      </svg>
      <span className="who">Theme</span>
    </button>
  );
}
