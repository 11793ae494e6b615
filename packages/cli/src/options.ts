/** Readers for the values of options. */
import { InvalidArgumentError } from 'commander';

/** For an option that may be given several times, or once with several values. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A whole number from `minimum` to `maximum`. */
export function wholeNumber(minimum: number, maximum: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d{1,15}$/.test(value) || number < minimum || number > maximum) {
      throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
    }
    return number;
  };
}

/** A moment: ISO 8601, or seconds since the epoch. @returns seconds */
export function pointInTime(value: string): number {
  const seconds = /^\d{1,12}$/.test(value) ? Number(value) : Date.parse(value) / 1000;
  if (Number.isNaN(seconds))
    throw new InvalidArgumentError('It must be a date such as 2027-01-31 or seconds.');
  return Math.floor(seconds);
}

/** Only the members that have a value. */
export function given(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** The path of one thing in a collection. */
export function pathOf(collection: string, ...parts: readonly string[]): string {
  return [`/admin/v1/${collection}`, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** As `pathOf`, of the caller's own account. */
export function ownPathOf(collection: string, ...parts: readonly string[]): string {
  return [`/account/v1/${collection}`, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

export interface ListOptions {
  readonly limit: number;
}

export const LIST_LIMIT = 100;
export const MAX_LIST_LIMIT = 100_000;

/** Of `--organization`, where something is made. */
export const OWNER_HELP = 'that owns it; unless given, the default one, or yours';

export interface OwnerOption {
  readonly organization?: string;
}

/** The query of a list that one organization may be asked for. */
export function ownedBy({ organization }: OwnerOption): Readonly<Record<string, string>> {
  return organization === undefined ? {} : { organization_id: organization };
}
