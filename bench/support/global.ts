import type { WebRTCManager } from 'holdfast';

declare global {
  interface Window {
    /** The minified build of the library, as a `<script>` loads it. */
    Holdfast: { WebRTCManager: typeof WebRTCManager };
  }
}
