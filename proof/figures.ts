// Every figure, in the order of their numbers.
import type { Figure } from './figure.ts';
import { kill, killDatabase } from './figures/kill.ts';
import { fuzz } from './figures/fuzz.ts';
import { codeRace, oneTimeRace, refreshRace } from './figures/races.ts';

export const FIGURES: readonly Figure[] = [kill, killDatabase, refreshRace, codeRace, oneTimeRace, fuzz];
