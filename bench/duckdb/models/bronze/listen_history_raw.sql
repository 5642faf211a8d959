{{ landed('listen_history') }}
