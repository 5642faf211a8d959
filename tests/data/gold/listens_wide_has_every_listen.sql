with

fct_listen_history as (

    select
        count(*) as listen_count,
        sum(play_count) as play_count,
        count(listened_at) as dated_count
    from {{ ref('fct_listen_history') }}

),

listens_wide as (

    select
        count(*) as listen_count,
        sum(play_count) as play_count,
        count(listened_at) as dated_count
    from {{ ref('listens_wide') }}

),

compared as (

    select
        fct_listen_history.listen_count as fact_listen_count,
        listens_wide.listen_count as wide_listen_count,
        fct_listen_history.play_count as fact_play_count,
        listens_wide.play_count as wide_play_count,
        fct_listen_history.dated_count as fact_dated_count,
        listens_wide.dated_count as wide_dated_count
    from fct_listen_history
    cross join listens_wide

)

select * from compared
where
    fact_listen_count != wide_listen_count
    or not (fact_play_count <=> wide_play_count)
    or fact_dated_count != wide_dated_count
