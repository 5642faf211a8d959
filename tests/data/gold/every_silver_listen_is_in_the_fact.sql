with

listen_history as (

    select * from {{ ref('listen_history') }}

),

fct_listen_history as (

    select * from {{ ref('fct_listen_history') }}

),

compared as (

    select
        listen_history.listen_key as silver_key,
        fct_listen_history.listen_key as gold_key
    from listen_history
    full join fct_listen_history
        on
            listen_history.listen_key = fct_listen_history.listen_key
            and listen_history.play_count = fct_listen_history.play_count

)

select * from compared
where silver_key is null or gold_key is null
