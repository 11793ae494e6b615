/**
 * IP addresses and prefixes, as text, as bytes and as the tags of RFC 9164.
 * @spec RFC 9164 §3; RFC 4291 §2.2, §2.5.5.2
 */
import { isIPv4, isIPv6 } from 'node:net';
import { CborTag } from '../cbor/index.ts';
import type { CborValue } from '../cbor/index.ts';

/** Addresses that begin with these bits; all of them for a single address. */
export interface IpPrefix {
  /** 4 bytes or 16, zero beyond the prefix. */
  readonly address: Uint8Array;
  readonly bits: number;
}

const IPV4_TAG = 52;
const IPV6_TAG = 54;
/** `::ffff:0:0/96`: what an IPv4 address looks like to a socket that speaks both. */
const MAPPED_BITS = 96;

/** @returns 4 or 16 bytes, 4 for an IPv4 address within IPv6; undefined for anything else, zones included */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = parseIpv6(text);
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}

function parseIpv6(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const bytes = new Uint8Array(16);
  bytes.set(before);
  bytes.set(after, 16 - after.length);
  return bytes;
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.every((byte, index) => index > 11 || byte === (index < 10 ? 0 : 0xff));
}

/** @returns undefined for anything but an address, or a prefix without bits beyond it (RFC 9164 §3.1.2, §3.1.3) */
export function readIpTag(value: CborValue): IpPrefix | undefined {
  if (!(value instanceof CborTag)) return undefined;
  const size = value.tag === IPV4_TAG ? 4 : value.tag === IPV6_TAG ? 16 : undefined;
  if (size === undefined) return undefined;
  if (value.value instanceof Uint8Array) {
    return value.value.length === size ? unmapped({ address: value.value, bits: size * 8 }) : undefined;
  }
  if (!Array.isArray(value.value) || value.value.length !== 2) return undefined;
  const [bits, bytes] = value.value as readonly CborValue[];
  if (typeof bits !== 'number' || !Number.isInteger(bits) || bits < 0 || bits > size * 8) return undefined;
  // Zero bytes at the end are left out, so that a prefix has one form.
  if (!(bytes instanceof Uint8Array) || bytes.length > size || bytes.at(-1) === 0) return undefined;
  const address = new Uint8Array(size);
  address.set(bytes);
  return hasBitsBeyond(address, bits) ? undefined : unmapped({ address, bits });
}

function unmapped(prefix: IpPrefix): IpPrefix {
  const { address, bits } = prefix;
  if (address.length === 4 || bits < MAPPED_BITS || !isMapped(address)) return prefix;
  return { address: address.subarray(12), bits: bits - MAPPED_BITS };
}

function hasBitsBeyond(address: Uint8Array, bits: number): boolean {
  return address.some((byte, index) => (byte & ~maskOf(bits - index * 8)) !== 0);
}

/** The mask of a byte of which so many bits belong to the prefix. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 8 ? 0xff : (0xff00 >> bits) & 0xff;
}

export function isWithin(address: Uint8Array, prefix: IpPrefix): boolean {
  if (address.length !== prefix.address.length) return false;
  return address.every((byte, index) => (byte & maskOf(prefix.bits - index * 8)) === prefix.address[index]);
}

/** `192.0.2.0/24`, or the address alone. */
export function formatIpPrefix({ address, bits }: IpPrefix): string {
  const text = address.length === 4 ? address.join('.') : formatIpv6(address);
  return bits === address.length * 8 ? text : `${text}/${bits}`;
}

function formatIpv6(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((address[index * 2] ?? 0) << 8) | (address[index * 2 + 1] ?? 0)).toString(16),
  );
  // The parser of URLs knows how to shorten it (RFC 5952 §4).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** @param text an address, or a prefix; bits beyond the prefix are cleared @returns its tag */
export function ipTagFrom(text: string): CborTag | undefined {
  const [addressText = '', bitsText, ...more] = text.split('/');
  const address = parseIpAddress(addressText);
  if (address === undefined || more.length > 0) return undefined;
  const tag = address.length === 4 ? IPV4_TAG : IPV6_TAG;
  if (bitsText === undefined) return new CborTag(tag, address);
  // A prefix of IPv6 that holds IPv4 addresses is one of IPv4.
  const bits = Number(bitsText) - (address.length === 4 && addressText.includes(':') ? MAPPED_BITS : 0);
  if (!/^\d{1,3}$/.test(bitsText) || bits < 0 || bits > address.length * 8) return undefined;
  const prefix = address.map((byte, index) => byte & maskOf(bits - index * 8));
  return new CborTag(tag, [bits, prefix.subarray(0, prefix.findLastIndex((byte) => byte !== 0) + 1)]);
}
