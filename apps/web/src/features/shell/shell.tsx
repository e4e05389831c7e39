'use client';

import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { Brand } from '../../ui/brand.js';
import { ThemeToggle } from '../../ui/theme-toggle.js';
import { SignOutButton } from '../accounts/sign-out-button.js';
import { LiveNotice, LiveStatus } from '../live/live-status.js';

interface Named {
  readonly slug: string;
  readonly name: string;
}

/** Navigation of an organisation around its pages. */
export function Shell({
  organisation,
  projects,
  hasMoreProjects,
  userId,
  userName,
  children,
}: {
  organisation: Named;
  projects: readonly Named[];
  hasMoreProjects: boolean;
  userId: string;
  userName: string;
  children: ReactNode;
}) {
  const path = usePathname();
  const base = `/${organisation.slug}`;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="side">
        <a href="/" className="brand">
          <Brand />
        </a>
        <nav aria-label="Organisation">
          <h2>{organisation.name}</h2>
          <ul>
            <Item href={base} isHere={path === base} text="Home" />
            {[
              ['projects', 'Projects'],
              ['nodes', 'Nodes'],
              ['datasets', 'Datasets'],
              ['tokens', 'Tokens'],
              ['members', 'Members'],
            ].map(([slug, text]) => (
              <Item key={slug} href={`${base}/${slug}`} isHere={path === `${base}/${slug}`} text={text ?? ''} />
            ))}
          </ul>
        </nav>
        {projects.length === 0 ? null : (
          <nav aria-label="Projects">
            <h2>Projects</h2>
            <ul>
              {projects.map(({ slug, name }) => (
                <Item
                  key={slug}
                  href={`${base}/${slug}/runs`}
                  isHere={path.startsWith(`${base}/${slug}/`)}
                  text={name}
                />
              ))}
              {hasMoreProjects ? <Item href={`${base}/projects`} isHere={false} text="All projects …" /> : null}
            </ul>
          </nav>
        )}
        <div className="foot">
          <LiveStatus organisation={organisation.slug} userId={userId} />
          <a href="/account" className="clip small who" title="Your account">
            {userName}
          </a>
          <p className="row">
            <ThemeToggle />
            <SignOutButton />
          </p>
        </div>
      </header>
      <main className="page stack" id="content" tabIndex={-1}>
        <LiveNotice organisation={organisation.slug} organisationName={organisation.name} userId={userId} />
        {children}
      </main>
    </div>
  );
}

function Item({ href, isHere, text }: { href: string; isHere: boolean; text: string }) {
  return (
    <li>
      <a href={href} {...(isHere ? { 'aria-current': 'page' as const } : {})}>
        {text}
      </a>
    </li>
  );
}
