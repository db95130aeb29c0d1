const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  html: 'text/html',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  pdf: 'application/pdf',
  png: 'image/png',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  txt: 'text/plain',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  zip: 'application/zip',
};

/** Extensions that SES refuses, from "Unsupported attachment types" in its developer guide. */
const REFUSED = new Set(
  `ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its
   js jse ksh lib lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh
   msh1 msh2 mshxml msh1xml msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys
   ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh
   xnk`.split(/\s+/),
);

/** The MIME type of a file by its extension. */
export const contentTypeOf = (fileName: string): string =>
  TYPES[extensionOf(fileName)] ?? 'application/octet-stream';

/** Tells whether SES refuses a file by its name. */
export const isRefusedFile = (fileName: string): boolean => REFUSED.has(extensionOf(fileName));

const extensionOf = (fileName: string): string => (fileName.split('.').at(-1) ?? '').toLowerCase();
