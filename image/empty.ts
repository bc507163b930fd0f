// What the executable `empty` holds: nothing. `npm run bench` measures sluice-cni against it.
