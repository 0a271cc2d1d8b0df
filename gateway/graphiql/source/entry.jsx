// GraphiQL for the address it was opened at; example tabs arrive as JSON in the page (see ../page.py).
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { KeyField, fetchWithKey } from './key.jsx';

const { tabs } = JSON.parse(document.getElementById('graphiql-config').textContent);
const place = document.getElementById('graphiql');
const url = location.origin + location.pathname;
const fetcher = createGraphiQLFetcher({ url, subscriptionUrl: url.replace(/^http/, 'ws'), fetch: fetchWithKey });

// React empties the page when a render fails; a page that says so is better than a blank one.
const onUncaughtError = (error) => {
  place.textContent = `GraphiQL could not start: ${error}. The API itself answers POST ${url}`;
};

createRoot(place, { onUncaughtError }).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    defaultEditorToolsVisibility="variables"
    customScalarSchemas={{ JSON: {} }}
    inputValueDeprecation
  >
    <GraphiQL.Logo>
      SIM Gateway
      <KeyField />
    </GraphiQL.Logo>
  </GraphiQL>,
);
