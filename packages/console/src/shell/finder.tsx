/** Ctrl-K: the way to anything by its name. Arrows choose, Enter goes, Esc closes. */
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from '../parts/dialog.tsx';
import type { Entry } from './entries.ts';
import { type Found, useFound } from './find-everything.ts';

export interface FinderProps {
  readonly entries: readonly Entry[];
  readonly onClose: () => void;
}

export function Finder({ entries, onClose }: FinderProps) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [, go] = useLocation();
  const list = useId();
  const found = useFound(text, entries);
  const current = found[Math.min(chosen, found.length - 1)];
  const open = (one: Found): void => {
    onClose();
    go(one.to);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((before) => (Math.min(before, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === 'Enter' && current !== undefined) {
      event.preventDefault();
      open(current);
    }
  };
  return (
    <Dialog title="Find" onClose={onClose}>
      <div className="finder">
        <input
          type="text"
          role="combobox"
          aria-label="A screen, an app, an API, a person"
          aria-expanded="true"
          aria-controls={list}
          aria-autocomplete="list"
          {...(current === undefined ? {} : { 'aria-activedescendant': `${list}-${current.to}` })}
          autoComplete="off"
          spellCheck={false}
          value={text}
          placeholder="A screen, an app, an API, a person"
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
        />
        <ul id={list} role="listbox" aria-label="Found">
          {found.map((one) => (
            <li
              key={one.to}
              id={`${list}-${one.to}`}
              role="option"
              aria-selected={one === current}
              onClick={() => open(one)}
            >
              <span>{one.name}</span> <span className="small muted">{one.what}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && <p className="small muted">Nothing has this name.</p>}
      </div>
    </Dialog>
  );
}
