// SPDX-License-Identifier: Apache-2.0
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './Button';

interface CopyButtonProps {
  text: string;
  /** What is copied, for screen readers and beside the icon: "Copy the key". */
  label?: string;
  /** The icon alone. */
  isCompact?: boolean;
  onCopied?: () => void;
}

/** Puts text into the clipboard and says so. */
export function CopyButton({ text, label = 'Copy', isCompact = false, onCopied }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(null), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
      onCopied?.();
    } catch {
      setOutcome('failed'); // no permission, or a page over plain http from another machine
    }
  };
  const words = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Select it and copy by hand' : label;
  return (
    <>
      <Button size="small" kind={isCompact ? 'quiet' : 'secondary'} icon={outcome === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />} onClick={copy}
        aria-label={isCompact ? words : undefined} title={isCompact ? words : undefined}>
        {isCompact ? null : words}
      </Button>
      <span role="status" className="visually-hidden">{outcome ? words : ''}</span>
    </>
  );
}
