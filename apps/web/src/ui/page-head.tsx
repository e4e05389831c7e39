import type { ComponentProps, ReactNode } from 'react';
import { Crumbs } from './crumbs.js';

/** Where a page stands, what it is, and what can be done on it first. */
export function PageHead({
  crumbs,
  title,
  children,
}: {
  crumbs: ComponentProps<typeof Crumbs>['items'];
  title: string;
  children?: ReactNode;
}) {
  return (
    <div>
      <Crumbs items={crumbs} />
      <div className="head">
        <h1 className="grow">{title}</h1>
        {children}
      </div>
    </div>
  );
}
