/** What every view is given. */
export interface ViewProps {
  /** What stands behind the view's name: `#/executions/abc` has abc. */
  id?: string;
}
