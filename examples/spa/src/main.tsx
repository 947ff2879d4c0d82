import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createDoorward } from "@doorward/client";
import { DoorwardProvider } from "@doorward/client/react";
import { App } from "./app.tsx";
import { createPrompt } from "./prompt.ts";
import "./app.css";

const prompt = createPrompt();
const doorward = createDoorward({ onStepUp: prompt.ask });

const element = document.getElementById("app");
if (element) {
  createRoot(element).render(
    <StrictMode>
      <DoorwardProvider doorward={doorward}>
        <App prompt={prompt} />
      </DoorwardProvider>
    </StrictMode>,
  );
}
