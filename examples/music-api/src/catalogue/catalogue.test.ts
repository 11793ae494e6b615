import { describe, expect, it } from 'vitest';
import { catalogueId, ID_PATTERN } from './catalogue-id.ts';
import { buildCatalogue, catalogue } from './catalogue.ts';

describe('the catalogue', () => {
  it('refuses two tracks with one id', () => {
    const side = { title: 'One', length: '1:00', id: '11dFghVXANMlKmJXsNCbNl' };
    const release = {
      artists: ['A'],
      year: 1920,
      issue: 'X',
      genres: [],
      sides: [side, { ...side, title: 'Two' }],
    };
    expect(() => buildCatalogue([release])).toThrow('Two tracks with one id: Two');
  });

  it('refuses a length it cannot read', () => {
    const release = {
      artists: ['A'],
      year: 1920,
      issue: 'X',
      genres: [],
      sides: [{ title: 'One', length: '3' }],
    };
    expect(() => buildCatalogue([release])).toThrow('Not a length: 3');
  });

  it('holds the two promised tracks and at least a hundred more', () => {
    expect(catalogue.tracks.get('11dFghVXANMlKmJXsNCbNl')?.name).toBe('Vesti la giubba (Pagliacci)');
    expect(catalogue.tracks.get('2TpxZ7JUBn3uw46aR7qd6V')?.name).toBe('Dipper Mouth Blues');
    expect(catalogue.tracks.size).toBeGreaterThanOrEqual(102);
  });

  it('has the same ids everywhere: 22 characters, derived from what is named', () => {
    for (const id of [...catalogue.tracks.keys(), ...catalogue.albums.keys(), ...catalogue.artists.keys()]) {
      expect(id).toMatch(ID_PATTERN);
    }
    expect(catalogueId('artist', 'Bessie Smith')).toBe('5uyMJHyq6jN3QUiLzOMaqK');
    expect([...catalogue.artists.values()].find((artist) => artist.name === 'Bessie Smith')?.id).toBe(
      '5uyMJHyq6jN3QUiLzOMaqK',
    );
  });

  it('links every track to its album and its artists, and back', () => {
    for (const track of catalogue.tracks.values()) {
      expect(track.album.tracks[track.number - 1]).toBe(track);
      for (const artist of track.artists) {
        expect(artist.tracks).toContain(track);
        expect(artist.albums).toContain(track.album);
        expect(catalogue.artists.get(artist.id)).toBe(artist);
      }
    }
  });

  it('holds nothing that is neither old enough nor given away', () => {
    for (const album of catalogue.albums.values()) {
      expect(album.rights === 'CC0' || album.year <= 1925).toBe(true);
    }
  });

  it('gives every track a length that its carrier can hold', () => {
    for (const track of catalogue.tracks.values()) {
      expect(track.durationMs).toBeGreaterThanOrEqual(60_000);
      expect(track.durationMs).toBeLessThanOrEqual(12 * 60_000);
    }
  });
});
