import type { Release } from './release.ts';

const jazz = ['early jazz'];
const blues = ['classic blues'];
const ragtime = ['ragtime', 'stride'];

export const jazzAndBlues: readonly Release[] = [
  {
    artists: ['Original Dixieland Jass Band'],
    year: 1917,
    issue: 'Victor 18255',
    genres: jazz,
    sides: [
      { title: 'Livery Stable Blues', length: '3:10', fame: 82 },
      { title: 'Dixie Jass Band One-Step', length: '2:35', fame: 60 },
    ],
  },
  {
    artists: ['Original Dixieland Jass Band'],
    year: 1918,
    issue: 'Victor 18472',
    genres: jazz,
    sides: [
      { title: 'Tiger Rag', length: '3:05', fame: 84 },
      { title: 'Skeleton Jangle', length: '2:55' },
    ],
  },
  {
    artists: ['Original Dixieland Jass Band'],
    year: 1918,
    issue: 'Victor 18457',
    genres: jazz,
    sides: [
      { title: 'At the Jazz Band Ball', length: '2:40', fame: 48 },
      { title: 'Ostrich Walk', length: '3:10' },
    ],
  },
  {
    artists: ["King Oliver's Creole Jazz Band"],
    year: 1923,
    issue: 'Gennett 5132',
    genres: jazz,
    sides: [
      { title: 'Dipper Mouth Blues', length: '2:30', fame: 88, id: '2TpxZ7JUBn3uw46aR7qd6V' },
      { title: 'Weather Bird Rag', length: '2:40', fame: 52 },
    ],
  },
  {
    artists: ["King Oliver's Creole Jazz Band"],
    year: 1923,
    issue: 'Gennett 5133',
    genres: jazz,
    sides: [
      { title: 'Just Gone', length: '2:40' },
      { title: 'Canal Street Blues', length: '2:30', fame: 64 },
    ],
  },
  {
    artists: ["King Oliver's Creole Jazz Band"],
    year: 1923,
    issue: 'Gennett 5135',
    genres: jazz,
    sides: [
      { title: 'Chimes Blues', length: '2:50', fame: 66 },
      { title: 'Froggie Moore', length: '3:00' },
    ],
  },
  {
    artists: ["Kid Ory's Sunshine Orchestra"],
    year: 1922,
    issue: 'Nordskog 3009',
    genres: jazz,
    sides: [
      { title: "Ory's Creole Trombone", length: '3:00', fame: 47 },
      { title: 'Society Blues', length: '3:05' },
    ],
  },
  {
    name: 'Richmond, August 1922',
    kind: 'compilation',
    artists: ['New Orleans Rhythm Kings'],
    year: 1922,
    issue: 'Gennett',
    genres: jazz,
    sides: [
      { title: 'Panama', length: '2:45' },
      { title: 'Farewell Blues', length: '3:00', fame: 38 },
    ],
  },
  {
    artists: ['New Orleans Rhythm Kings', 'Jelly Roll Morton'],
    year: 1923,
    issue: 'Gennett 5220',
    genres: jazz,
    sides: [
      { title: 'Mr. Jelly Lord', length: '2:55' },
      { title: 'Clarinet Marmalade', length: '2:45' },
    ],
  },
  {
    artists: ['Jelly Roll Morton'],
    year: 1923,
    issue: 'Gennett 5289',
    genres: [...jazz, ...ragtime],
    sides: [
      { title: 'King Porter (A Stomp)', length: '2:45', fame: 58 },
      { title: 'Wolverine Blues', length: '3:20' },
    ],
  },
  {
    artists: ['Jelly Roll Morton'],
    year: 1923,
    issue: 'Gennett 5218',
    genres: [...jazz, ...ragtime],
    sides: [
      { title: "Grandpa's Spells", length: '2:50', fame: 45 },
      { title: 'Kansas City Stomp', length: '2:55' },
    ],
  },
  {
    artists: ["Clarence Williams' Blue Five"],
    year: 1923,
    issue: 'Okeh 4925',
    genres: jazz,
    sides: [
      { title: 'Wild Cat Blues', length: '3:00', fame: 50 },
      { title: 'Kansas City Man Blues', length: '3:05' },
    ],
  },
  {
    artists: ["Bennie Moten's Kansas City Orchestra"],
    year: 1923,
    issue: 'Okeh 8100',
    genres: jazz,
    sides: [
      { title: "Elephant's Wobble", length: '2:50' },
      { title: 'Crawdad Blues', length: '2:55' },
    ],
  },
  {
    artists: ['The Wolverines'],
    year: 1924,
    issue: 'Gennett 5408',
    genres: jazz,
    sides: [
      { title: 'Fidgety Feet', length: '2:30' },
      { title: 'Jazz Me Blues', length: '2:50', fame: 49 },
    ],
  },
  {
    artists: ['The Wolverines'],
    year: 1924,
    issue: 'Gennett 5454',
    genres: jazz,
    sides: [
      { title: 'Riverboat Shuffle', length: '2:35', fame: 46 },
      { title: 'Susie (Of the Islands)', length: '2:45' },
    ],
  },
  {
    artists: ['The Washingtonians', 'Duke Ellington'],
    year: 1924,
    issue: 'Blu-Disc T-1002',
    genres: jazz,
    sides: [
      { title: 'Choo Choo (Gotta Hurry Home)', length: '3:15' },
      { title: 'Rainy Nights (Rainy Days)', length: '3:25' },
    ],
  },
  {
    artists: ['Fletcher Henderson and His Orchestra'],
    year: 1925,
    issue: 'Columbia 395-D',
    genres: jazz,
    sides: [
      { title: 'Sugar Foot Stomp', length: '2:50', fame: 55 },
      { title: "What-Cha-Call-'Em Blues", length: '2:55' },
    ],
  },
  {
    artists: ['James P. Johnson'],
    year: 1921,
    issue: 'Okeh 4495',
    genres: ragtime,
    sides: [
      { title: 'Carolina Shout', length: '2:45', fame: 57 },
      { title: 'Keep Off the Grass', length: '3:05' },
    ],
  },
  {
    artists: ['Fats Waller'],
    year: 1922,
    issue: 'Okeh 4757',
    genres: ragtime,
    sides: [
      { title: 'Muscle Shoals Blues', length: '3:00' },
      { title: 'Birmingham Blues', length: '3:05' },
    ],
  },
  {
    artists: ['Eubie Blake'],
    year: 1921,
    issue: 'Emerson',
    genres: ragtime,
    sides: [{ title: 'Sounds of Africa', length: '3:15', fame: 36 }],
  },
  {
    name: 'Piano Rolls of 1916',
    kind: 'album',
    artists: ['Scott Joplin'],
    year: 1916,
    issue: 'Connorized',
    genres: ['ragtime'],
    sides: [
      { title: 'Maple Leaf Rag', length: '3:15', fame: 86 },
      { title: 'Magnetic Rag', length: '5:00', fame: 44 },
      { title: 'Weeping Willow Rag', length: '4:10' },
      { title: 'Something Doing', length: '3:20' },
      { title: 'Ole Miss Rag', length: '3:25' },
      { title: 'Pleasant Moments', length: '3:25' },
    ],
  },
  {
    artists: ["Europe's Society Orchestra"],
    year: 1914,
    issue: 'Victor 35372',
    genres: ['ragtime'],
    sides: [{ title: 'Castle House Rag', length: '4:00', fame: 47 }],
  },
  {
    name: 'The Pathé Sides of 1919',
    kind: 'compilation',
    artists: ['369th U.S. Infantry "Hell Fighters" Band'],
    year: 1919,
    issue: 'Pathé',
    genres: ['ragtime', 'military band'],
    sides: [
      { title: 'Memphis Blues', length: '2:50', fame: 54 },
      { title: 'St. Louis Blues', length: '3:05' },
      { title: "How 'Ya Gonna Keep 'Em Down on the Farm?", length: '2:40' },
      { title: "On Patrol in No Man's Land", length: '2:25', fame: 40 },
    ],
  },
  {
    artists: ["Handy's Memphis Blues Band"],
    year: 1922,
    issue: 'Paramount',
    genres: blues,
    sides: [{ title: 'St. Louis Blues', length: '3:00', fame: 50 }],
  },
  {
    artists: ['Mamie Smith and Her Jazz Hounds'],
    year: 1920,
    issue: 'Okeh 4169',
    genres: blues,
    sides: [
      { title: 'Crazy Blues', length: '3:20', fame: 85 },
      { title: "It's Right Here for You", length: '2:55' },
    ],
  },
  {
    artists: ['Mamie Smith'],
    year: 1920,
    issue: 'Okeh 4113',
    genres: blues,
    sides: [
      { title: 'That Thing Called Love', length: '3:05' },
      { title: "You Can't Keep a Good Man Down", length: '3:05' },
    ],
  },
  {
    artists: ['Ethel Waters'],
    year: 1921,
    issue: 'Black Swan 2010',
    genres: blues,
    sides: [
      { title: 'Down Home Blues', length: '2:55', fame: 42 },
      { title: 'Oh Daddy', length: '3:05' },
    ],
  },
  {
    artists: ['Trixie Smith'],
    year: 1922,
    issue: 'Black Swan 14127',
    genres: blues,
    sides: [{ title: 'My Man Rocks Me (With One Steady Roll)', length: '3:00', fame: 43 }],
  },
  {
    artists: ['Alberta Hunter'],
    year: 1922,
    issue: 'Paramount 12005',
    genres: blues,
    sides: [{ title: 'Down Hearted Blues', length: '2:55', fame: 48 }],
  },
  {
    artists: ['Bessie Smith'],
    year: 1923,
    issue: 'Columbia A3844',
    genres: blues,
    sides: [
      { title: 'Down Hearted Blues', length: '3:25', fame: 83 },
      { title: 'Gulf Coast Blues', length: '3:10' },
    ],
  },
  {
    artists: ['Bessie Smith'],
    year: 1923,
    issue: 'Columbia A3898',
    genres: blues,
    sides: [
      { title: "'Tain't Nobody's Bizness If I Do", length: '3:25', fame: 70 },
      { title: "Keeps On a-Rainin' (Papa, He Can't Make No Time)", length: '3:05' },
    ],
  },
  {
    artists: ['Bessie Smith'],
    year: 1923,
    issue: 'Columbia A4001',
    genres: blues,
    sides: [
      { title: 'Jail-House Blues', length: '3:15' },
      { title: 'Graveyard Dream Blues', length: '3:05' },
    ],
  },
  {
    artists: ['Bessie Smith', 'Louis Armstrong'],
    year: 1925,
    issue: 'Columbia 14064-D',
    genres: blues,
    sides: [
      { title: 'The St. Louis Blues', length: '3:10', fame: 87 },
      { title: 'Cold in Hand Blues', length: '3:15' },
    ],
  },
  {
    artists: ['Bessie Smith', 'Louis Armstrong'],
    year: 1925,
    issue: 'Columbia 14056-D',
    genres: blues,
    sides: [
      { title: 'Reckless Blues', length: '3:05', fame: 58 },
      { title: "Sobbin' Hearted Blues", length: '3:00' },
    ],
  },
  {
    artists: ['Ma Rainey'],
    year: 1924,
    issue: 'Paramount 12252',
    genres: blues,
    sides: [
      { title: 'See See Rider Blues', length: '3:15', fame: 78 },
      { title: 'Jealous Hearted Blues', length: '3:10' },
    ],
  },
  {
    artists: ['Ma Rainey'],
    year: 1923,
    issue: 'Paramount 12080',
    genres: blues,
    sides: [{ title: 'Bo-Weavil Blues', length: '3:05', fame: 44 }],
  },
  {
    artists: ['Ida Cox'],
    year: 1923,
    issue: 'Paramount',
    genres: blues,
    sides: [{ title: "Any Woman's Blues", length: '2:55' }],
  },
  {
    artists: ['Sippie Wallace'],
    year: 1923,
    issue: 'Okeh 8106',
    genres: blues,
    sides: [
      { title: 'Up the Country Blues', length: '3:00', fame: 37 },
      { title: 'Shorty George Blues', length: '3:05' },
    ],
  },
  {
    artists: ['Papa Charlie Jackson'],
    year: 1924,
    issue: 'Paramount 12236',
    genres: ['country blues'],
    sides: [{ title: 'Salty Dog Blues', length: '2:50', fame: 46 }],
  },
  {
    artists: ['Sylvester Weaver'],
    year: 1923,
    issue: 'Okeh 8109',
    genres: ['country blues'],
    sides: [
      { title: 'Guitar Blues', length: '3:05' },
      { title: 'Guitar Rag', length: '2:55', fame: 51 },
    ],
  },
];
