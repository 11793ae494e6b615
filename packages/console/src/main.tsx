/** Where the console begins. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { PREFIX } from './shell/address.ts';
import { Console } from './shell/console.tsx';
import { PublicExplain } from './shell/public-explain.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root');
createRoot(root).render(
  <StrictMode>{location.pathname === `${PREFIX}/explain` ? <PublicExplain /> : <Console />}</StrictMode>,
);
