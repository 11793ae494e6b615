/** A tile broken in two halves that match. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
      <path fill="currentColor" d="M4 4h11l3 6-5 5 5 6-3 7H4z" />
      <path className="mark-half" d="M19 4h9v24h-9l3-7-5-6 5-5z" />
    </svg>
  );
}
