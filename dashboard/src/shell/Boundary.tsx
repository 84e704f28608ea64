import { Component, type ReactNode } from "react";
import { ErrorBox } from "../ui";

interface Props {
  children: ReactNode;
}

/** A view that stumbles leaves the others standing. */
export class Boundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <ErrorBox
        error={this.state.error}
        what="This view could not be shown"
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
