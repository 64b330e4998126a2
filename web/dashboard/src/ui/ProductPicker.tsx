// SPDX-License-Identifier: Apache-2.0
import { Field, type FieldProps } from './Field';
import { later } from './later';
import styles from './Field.module.css';

export interface ProductChoice {
  /** null: all products. */
  id: string | null;
  name: string;
}

export const allProducts: ProductChoice = { id: null, name: 'All products' };

export interface ProductPickerProps extends FieldProps {
  value: ProductChoice;
  onChange: (value: ProductChoice) => void;
  /** "All products" can be chosen too. */
  hasAll?: boolean;
}

/** One of perhaps thousands of products, found by the beginning of its name. Until what finds them is there, the name of the chosen one. */
export const ProductPicker = later<ProductPickerProps>(() => import('./ProductCombobox'), ({ value, label, help, error, pointer, isOptional }) => (
  <Field {...{ label, help, error, pointer, isOptional }}>{(control) => <input {...control} readOnly value={value.name} className={styles.control} />}</Field>
));
