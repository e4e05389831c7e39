export interface Crumb {
  readonly text: string;
  readonly href?: string;
}

export function Crumbs({ items }: { items: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="crumbs">
        {items.map(({ text, href }) => (
          <li key={href ?? text} className="clip">
            {href === undefined ? <span className="clip">{text}</span> : <a href={href}>{text}</a>}
          </li>
        ))}
      </ol>
    </nav>
  );
}
