// SPDX-License-Identifier: Apache-2.0
import { Combobox } from '@base-ui/react/combobox';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useRef, useState } from 'react';
import { resource } from '../api/resource';
import { Field } from './Field';
import { allProducts, type ProductChoice, type ProductPickerProps } from './ProductPicker';
import { useSettled } from './SearchField';
import fieldStyles from './Field.module.css';
import styles from './ProductPicker.module.css';

/** The field of a `ProductPicker`, and its list. */
export default function ProductCombobox({ value, onChange, hasAll = false, ...field }: ProductPickerProps) {
  // The list opens in the same dialog or page as its field: nothing outside of it is hidden from screen readers.
  const frame = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const sought = useSettled(typed === value.name ? '' : typed.trim());
  const found = useQuery({ ...resource('/products', { query: { limit: 20, ...(sought ? { search: sought } : {}) } }), placeholderData: keepPreviousData }).data?.data.items ?? [];
  const items: ProductChoice[] = [...(hasAll && sought === '' ? [allProducts] : []), ...found.map(({ id, name }) => ({ id, name }))];
  return (
    <div ref={frame}>
      <Combobox.Root<ProductChoice> items={items} filter={null} value={value} onValueChange={(next) => next && onChange(next)} onInputValueChange={setTyped}
        itemToStringLabel={({ name }) => name} isItemEqualToValue={(one, other) => one.id === other.id} autoHighlight>
        <Field {...field}>{(control) => <Combobox.Input {...control} aria-label={typeof field.label === 'string' ? field.label : undefined} className={fieldStyles.control} />}</Field>
        <Combobox.Portal container={frame}>
          <Combobox.Positioner className={styles.positioner} sideOffset={4} positionMethod="fixed">
            <Combobox.Popup className={styles.popup}>
              <Combobox.Empty className={styles.empty}>No product’s name begins so.</Combobox.Empty>
              <Combobox.List>
                {(item: ProductChoice) => (
                  <Combobox.Item key={item.id ?? ''} value={item} className={styles.item}>
                    <span>{item.name}</span>
                    <Combobox.ItemIndicator><Check aria-hidden /></Combobox.ItemIndicator>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
    </div>
  );
}
