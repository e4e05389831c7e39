// Next knows these modules by names without an extension, and loads other files for them on the server than in the
// browser; its package does not say so in a way that Node's resolution reads.
declare module 'next/headers' {
  export * from 'next/headers.js';
}
declare module 'next/navigation' {
  export * from 'next/navigation.js';
}
declare module 'next/server' {
  export * from 'next/server.js';
}
// Its types name modules of Next without an extension.
declare module 'geist/font/sans' {
  export const GeistSans: { readonly variable: string };
}
declare module 'geist/font/mono' {
  export const GeistMono: { readonly variable: string };
}
// Comes without types.
declare module 'swagger-ui-dist/absolute-path.js' {
  /** The folder of the library's files. */
  export default function libraryFolder(): string;
}
