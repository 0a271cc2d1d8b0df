import { defineConfig } from 'vite';
import { licences } from './licences.js';

const collected = licences('licences.txt');

export default defineConfig({
  base: './', // the gateway may be served under any path
  plugins: [collected.page],
  worker: { format: 'es', plugins: () => [collected.worker] },
  build: {
    assetsDir: '',
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 4000, // kB; Monaco is one chunk of 2.8 MB
    rolldownOptions: {
      input: 'source/entry.jsx',
      onLog: (level, log, next) => log.code === 'MODULE_LEVEL_DIRECTIVE' || next(level, log), // "use client": for servers
    },
  },
});
