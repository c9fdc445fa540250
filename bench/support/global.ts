import type { WebRTCManager } from 'holdfast';

declare global {
  interface Window {
    /** The minified build of the library, as loaded by a `<script>`. */
    Holdfast: { WebRTCManager: typeof WebRTCManager };
  }
}
