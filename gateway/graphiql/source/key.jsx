// The caller's key: a field beside the name, kept for the life of the tab, sent as `Authorization: Bearer`.
import { useGraphiQLActions } from '@graphiql/react';
import { useState } from 'react';

const PLACE = 'sim-gateway:key';
const MEANING = 'Sent as Authorization: Bearer with every request, unless the Headers editor names another. Kept until this tab is closed.';

let key = kept();

/** The browser's fetch, with the key where there is one. */
export function fetchWithKey(address, options) {
  const headers = new Headers(options.headers);
  if (key && !headers.has('Authorization') && !headers.has('X-API-Key')) headers.set('Authorization', `Bearer ${key}`);
  return fetch(address, { ...options, headers });
}

export function KeyField() {
  const { introspect } = useGraphiQLActions();
  const [text, setText] = useState(key);
  const [seen, setSeen] = useState(key);
  const change = (event) => {
    setText(event.target.value);
    keep(event.target.value.trim());
  };
  // Another key may be shown another schema; asked when it is whole, not letter by letter.
  const done = () => {
    if (key === seen) return;
    setSeen(key);
    introspect();
  };
  return (
    <label className="key" title={MEANING}>
      API key
      <input
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="none"
        value={text}
        onChange={change}
        onBlur={done}
        onKeyDown={(event) => event.key === 'Enter' && done()}
      />
    </label>
  );
}

// A browser may forbid a page to keep anything: then the key lasts as long as the page.
function kept() {
  try {
    return sessionStorage.getItem(PLACE) ?? '';
  } catch {
    return '';
  }
}

function keep(text) {
  key = text;
  try {
    if (text) sessionStorage.setItem(PLACE, text);
    else sessionStorage.removeItem(PLACE);
  } catch {}
}
